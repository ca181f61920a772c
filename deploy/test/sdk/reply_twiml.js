'use strict';

// Judges TwiML by Twilio's and SignalWire's SDKs: each element is one that the
// SDK's builder can put there, each attribute one that its types have, and
// what the builder makes of them is the same document. Telnyx has no builder.

const fs = require('node:fs');
const path = require('node:path');

const replies = require('./replies.js');
const xml = require('./xml.js');

const inside = (...parts) => path.join(__dirname, 'node_modules', ...parts);
const types = (file) => fs.readFileSync(file, 'utf8');

const builders = [
  {
    Response: require('twilio').twiml.VoiceResponse,
    types: types(inside('twilio', 'lib', 'twiml', 'VoiceResponse.d.ts')),
    // Only SignalWire has it, and its SDK is older.
    unknown: ['Verto'],
  },
  {
    Response: require(inside('@signalwire', 'compatibility-api', 'lib', 'twiml', 'VoiceResponse.js')),
    types: types(inside('@signalwire', 'compatibility-api', 'lib', 'twiml', 'VoiceResponse.d.ts')),
    unknown: ['Verto'],
  },
];

function rebuild(sdk, parent, element) {
  const method = element.name[0].toLowerCase() + element.name.slice(1);
  const known = typeof parent[method] === 'function' && !(method in Object.prototype);
  if (!known && !sdk.unknown.includes(element.name)) {
    throw new Error(`<${element.name}> can't stand there`);
  }
  const trouble = xml.unfit(element, xml.attributesOf(sdk.types, element.name + 'Attributes') || {});
  if (trouble) {
    throw new Error(trouble);
  }
  const built = known ? parent[method](element.attributes, element.text) : parent.addChild(element.name, element.attributes);
  if (!known) {
    built.addText(element.text);
  }
  element.children.forEach((child) => rebuild(sdk, built, child));
}

replies.run((reply) => {
  if (reply.content_type !== 'text/xml') {
    return `the type is ${reply.content_type}`;
  }
  const root = xml.read(reply.body);
  for (const sdk of builders) {
    const response = new sdk.Response();
    root.children.forEach((child) => rebuild(sdk, response, child));
    const trouble = xml.different(reply.body, response.toString());
    if (trouble) {
      return trouble;
    }
  }
  return root.name === 'Response' ? '' : `the root is <${root.name}>`;
});
