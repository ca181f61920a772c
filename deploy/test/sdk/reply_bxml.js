'use strict';

// Judges BXML by Bandwidth's SDK: each element is a verb that the SDK has, each
// attribute one that its types have, and what the verbs write is the same
// document.

const fs = require('node:fs');
const path = require('node:path');

const { Bxml } = require('bandwidth-sdk');

const replies = require('./replies.js');
const xml = require('./xml.js');

const verbs = path.join(__dirname, 'node_modules', 'bandwidth-sdk', 'dist', 'models', 'bxml', 'verbs');
const nests = { Transfer: ['PhoneNumber', 'SipUri'] };
const speaks = ['PhoneNumber', 'SipUri', 'SpeakSentence'];

function rebuild(element, allowed) {
  const Verb = Bxml[element.name];
  if (!Verb || (allowed ? !allowed.includes(element.name) : ['PhoneNumber', 'SipUri'].includes(element.name))) {
    throw new Error(`<${element.name}> can't stand there`);
  }
  const declarations = fs.readFileSync(path.join(verbs, `${element.name}.d.ts`), 'utf8');
  const trouble = xml.unfit(element, xml.attributesOf(declarations, `${element.name}Attributes`) || {});
  if (trouble) {
    throw new Error(trouble);
  }
  if (speaks.includes(element.name)) {
    return new Verb(element.text, element.attributes);
  }
  return new Verb(
    element.attributes,
    element.children.map((child) => rebuild(child, nests[element.name] || [])),
  );
}

replies.run((reply) => {
  if (reply.content_type !== 'application/xml') {
    return `the type is ${reply.content_type}`;
  }
  if (reply.act === 'nothing') {
    return reply.body && 'an event that asks nothing is answered with a document';
  }
  const root = xml.read(reply.body);
  if (root.name !== 'Response') {
    return `the root is <${root.name}>`;
  }
  const response = new Bxml.Response(root.children.map((child) => rebuild(child)));
  // toBxml makes tags again of what looks like SSML in a text; the documents
  // are compared as they were before.
  return xml.different(reply.body, response.generateXml().end());
});
