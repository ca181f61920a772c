'use strict';

// Judges NCCOs by the types of the vendor's SDK. Its InputAction, and so its
// NCCOAction, takes any object: here only the part that is an input. Its phone
// and app endpoints take fields beyond those that they know, such as onAnswer.

const replies = require('./replies.js');
const types = require('./types.js');

const imports = "import type * as vonage from '@vonage/voice';";
const actions = ['Connect', 'Conversation', 'Notify', 'Record', 'Stream', 'Talk', 'Wait'].map((name) => `vonage.${name}Action`);
const type = `(${actions.join(' | ')} | Extract<vonage.InputAction, { type: string[] }>)[]`;

// isError is the way to the application's fallback URL, and isSilence the
// acknowledgement of an event: neither is an NCCO.
const isError = (reply) => reply.act === 'continue' && reply.status === 404;
const isSilence = (reply) => reply.act === 'nothing' && reply.status === 200 && reply.body === '';

let faults;

replies.run(
  (reply) => {
    if (isError(reply) || isSilence(reply)) {
      return '';
    }
    if (reply.status !== 200 || reply.content_type !== 'application/json') {
      return 'no 200 with JSON';
    }
    return faults.get(reply);
  },
  (all) => {
    const nccos = all.filter((reply) => !isError(reply) && !isSilence(reply));
    faults = types.faults(imports, nccos, () => type);
  },
);
