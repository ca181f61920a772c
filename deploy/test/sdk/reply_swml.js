'use strict';

// Judges SWML documents by a schema of what SignalWire's reference says.

const Ajv = require('ajv/dist/2020');

const replies = require('./replies.js');
const schema = require('./swml.schema.json');

const ajv = new Ajv({ allErrors: true, formats: { uri: (text) => URL.canParse(text) } });
const validate = ajv.compile(schema);

function fault(text) {
  const document = JSON.parse(text);
  if (!validate(document)) {
    return ajv.errorsText(validate.errors);
  }
  return document.sections.main.flatMap(inlineDocuments).map(fault).join('; ');
}

// inlineDocuments are those that a queue is given as a string.
function inlineDocuments(method) {
  const after = method.enter_queue?.transfer_after_bridge;
  return after?.startsWith('{') ? [after] : [];
}

replies.run((reply) => {
  if (reply.act === 'nothing' && reply.status === 200 && reply.body === '') {
    return ''; // nobody reads the reply to a status callback
  }
  if (reply.act === 'continue' && reply.status === 404) {
    return ''; // the way to the number's fallback URL
  }
  if (reply.status !== 200 || reply.content_type !== 'application/json') {
    return 'no 200 with JSON';
  }
  return fault(reply.body);
});
