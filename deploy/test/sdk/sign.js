'use strict';

// Signs requests, and judges signed ones, by the code of the vendors' own
// SDKs. Standard input is a JSON list of
//
//   {do, vendor, secret, key, method, url, headers, body, timestamp}
//
// where do is "sign" or "judge", body the raw text and timestamp the clock in
// seconds. Standard output is a list as long: {headers} with the headers
// that sign in, or {valid}. Where an SDK can only judge, "sign" is an error.

const crypto = require('node:crypto');
const path = require('node:path');
const querystring = require('node:querystring');

// inside reaches files that a package keeps out of its exports.
const inside = (...parts) => require(path.join(__dirname, 'node_modules', ...parts));

const twilio = require('twilio/lib/webhooks/webhooks');
const compatibility = inside('@signalwire', 'compatibility-api', 'lib', 'webhooks', 'webhooks.js');
const signalwire = require('@signalwire/web-api');
const { TelnyxWebhook } = inside('telnyx', 'lib', 'webhooks.js');
const plivo = require('plivo');
const vonage = require('@vonage/jwt');
const jsonwebtoken = require(require.resolve('jsonwebtoken', { paths: [require.resolve('@vonage/jwt')] }));
const { WebhookResponse } = require('@jambonz/node-client');
const sinch = inside('@sinch', 'sdk-client', 'dist', 'utils', 'authorization.helper.js');
const { Webhook } = require('standardwebhooks');

const form = (r) => ({ ...querystring.parse(r.body) });
const hashed = (r) => r.url.includes('bodySHA256');
const pathOf = (r) => new URL(r.url).pathname;

// payload is what the vendor's support pages say that payload_hash is of.
const payload = (r) =>
  r.method === 'GET' ? JSON.stringify(Object.fromEntries(new URL(r.url).searchParams)) : r.body;

const vendors = {
  twilio: {
    sign: (r) => ({
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(r.secret, r.url, hashed(r) ? {} : form(r)),
    }),
    judge: (r) =>
      hashed(r)
        ? twilio.validateRequestWithBody(r.secret, r.headers['X-Twilio-Signature'], r.url, r.body)
        : twilio.validateRequest(r.secret, r.headers['X-Twilio-Signature'], r.url, form(r)),
  },
  'signalwire-cxml': {
    sign: (r) => ({
      'X-SignalWire-Signature': compatibility.getExpectedTwilioSignature(r.secret, r.url, form(r)),
    }),
    judge: (r) =>
      compatibility.validateRequest(r.secret, r.headers['X-SignalWire-Signature'], r.url, form(r), true),
  },
  'signalwire-swml': {
    judge: (r) => signalwire.validateRequest(r.secret, r.headers['X-SignalWire-Signature'], r.url, r.body),
  },
  telnyx: {
    judge: async (r) => {
      await new TelnyxWebhook(r.secret).verify(r.body, r.headers);
      return true;
    },
  },
  plivo: {
    judge: (r) =>
      plivo.validateV3Signature(
        r.method,
        r.url,
        r.headers['X-Plivo-Signature-V3-Nonce'],
        r.secret,
        r.headers['X-Plivo-Signature-V3'],
        form(r),
      ),
  },
  vonage: {
    sign: (r) => {
      const claims = {
        iat: r.timestamp,
        jti: crypto.randomUUID(),
        iss: 'Vonage',
        payload_hash: crypto.createHash('sha256').update(payload(r)).digest('hex'),
      };
      return { Authorization: 'Bearer ' + jsonwebtoken.sign(claims, r.secret, { algorithm: 'HS256' }) };
    },
    judge: (r) => vonage.verifySignature(r.headers.Authorization.replace('Bearer ', ''), r.secret),
  },
  jambonz: {
    judge: (r) => {
      let passed = false;
      const request = { url: r.url, body: Buffer.from(r.body), get: (name) => r.headers[name] };
      WebhookResponse.verifyJambonzSignature(r.secret)(request, {}, () => (passed = true));
      return passed;
    },
  },
  sinch: {
    sign: (r) => {
      const stamp = new Date(r.timestamp * 1000).toISOString();
      const authorization = sinch.generateAuthorizationHeader(
        r.method,
        r.body,
        r.headers['Content-Type'],
        'x-timestamp:' + stamp,
        pathOf(r),
        r.key,
        r.secret,
      );
      return { 'X-Timestamp': stamp, Authorization: authorization };
    },
    judge: (r) => sinch.validateAuthenticationHeader(r.key, r.secret, r.headers, r.body, pathOf(r), r.method),
  },
  'standard-webhooks': {
    sign: (r) => {
      const id = 'msg_' + crypto.randomUUID();
      return {
        'Webhook-Id': id,
        'Webhook-Timestamp': String(r.timestamp),
        'Webhook-Signature': new Webhook(r.secret).sign(id, new Date(r.timestamp * 1000), r.body),
      };
    },
    judge: (r) => {
      new Webhook(r.secret).verify(r.body, r.headers, { jsonParse: false });
      return true;
    },
  },
};

async function answer(r) {
  Date.now = () => r.timestamp * 1000;
  if (r.do === 'sign') {
    return { headers: vendors[r.vendor].sign(r) };
  }
  try {
    return { valid: await vendors[r.vendor].judge(r) };
  } catch (refusal) {
    return { valid: false, why: refusal.message };
  }
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk;
  }
  const answers = [];
  for (const request of JSON.parse(text)) {
    answers.push(await answer(request));
  }
  process.stdout.write(JSON.stringify(answers));
}

// An SDK may talk on standard output; that is for answers only.
console.log = console.info = console.error;

main().catch((trouble) => {
  console.error(trouble);
  process.exitCode = 1;
});
