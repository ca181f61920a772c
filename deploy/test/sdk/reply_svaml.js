'use strict';

// Judges SVAML by the types of the vendor's SDK: the answers to an incoming
// call, and the acknowledgement, which answers an answered call.

const replies = require('./replies.js');
const types = require('./types.js');

const imports = "import type { Voice } from '@sinch/voice';";
const typeOf = (reply) => (reply.act === 'nothing' ? 'Voice.AceResponse' : 'Voice.IceResponse');

let faults;

replies.run(
  (reply) => {
    if (reply.status !== 200 || reply.content_type !== 'application/json') {
      return 'no 200 with JSON';
    }
    return faults.get(reply);
  },
  (all) => {
    faults = types.faults(imports, all, typeOf);
  },
);
