'use strict';

// Judges Plivo XML by Plivo's SDK: its builder refuses elements and attributes
// that it doesn't know, and must make the same document.

const plivo = require('plivo');

const replies = require('./replies.js');
const xml = require('./xml.js');

function rebuild(parent, element) {
  const add = parent['add' + element.name];
  if (!add) {
    throw new Error(`<${element.name}> can't stand there`);
  }
  const built = add.length === 1 ? add.call(parent, element.attributes) : add.call(parent, element.text, element.attributes);
  element.children.forEach((child) => rebuild(built, child));
}

replies.run((reply) => {
  if (reply.content_type && !['application/xml', 'text/xml'].includes(reply.content_type)) {
    return `the type is ${reply.content_type}`;
  }
  const root = xml.read(reply.body);
  if (root.name !== 'Response') {
    return `the root is <${root.name}>`;
  }
  const response = plivo.Response();
  root.children.forEach((child) => rebuild(response, child));
  return xml.different(reply.body, response.toXML());
});
