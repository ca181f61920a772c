'use strict';

// Executes custom data actions as Genesys Cloud does, as far as its
// documentation says how: the input is held against its schema, the request
// made of its Velocity templates and sent, the reply read by the translation
// map's JSON paths and its defaults, and what the success template makes of it
// held against the output's schema. Standard input is a list of
//
//   {action, base, credentials, input}    an action to execute; base takes the place of its host
//   {template, context}                   a template to render
//
// Standard output is a list of {outcome, output, why, status, request} or
// {text}. outcome is "success", or "failure", the path that the flow takes.
//
// By the documentation: https://help.mypurecloud.com/articles/request-configuration-data-actions/,
// .../response-configuration-data-actions/, .../velocity-macros-data-actions/.
// Assumed: the values of a translation map are JSON text in the success
// template, as the samples have them; a reply without a body is one, and
// redirects are not followed.

const http = require('node:http');
const Ajv = require('ajv-draft-04');
const jsonpath = require('jsonpath');
const { render } = require('velocityjs');

const maxDepth = 50;

// The macros of the escape tool that actions of ours may use.
const esc = {
  url: (text) => encodeURIComponent(text).replaceAll('%20', '+'),
  jsonEncode: (text) => JSON.stringify(String(text)).slice(1, -1),
  jsonString: (text) => JSON.stringify(String(text)).slice(1, -1),
};

const validators = new Map();

function mustFit(schema, value, what) {
  const text = JSON.stringify(schema);
  if (!validators.has(text)) {
    validators.set(text, new Ajv({ strict: false, allErrors: true }).compile(schema));
  }
  const fits = validators.get(text);
  if (!fits(value)) {
    throw new Error(`${what} misses its schema: ${fits.errors.map((e) => `${e.instancePath} ${e.message}`).join('; ')}`);
  }
}

function depth(value) {
  return value && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
}

function requestOf({ action, base, credentials, input }) {
  const { requestUrlTemplate, requestType, headers, requestTemplate } = action.config.request;
  const context = { input: { ...input, rawRequest: JSON.stringify(input) }, credentials, esc };
  const fill = (template) => render(template, context);
  const url = new URL(fill(requestUrlTemplate));
  if (url.protocol !== 'https:') {
    throw new Error('the URL is not one of https');
  }
  return {
    url: base + url.pathname + url.search,
    method: requestType,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    body: requestType === 'GET' ? '' : fill(requestTemplate),
  };
}

// send writes the body in chunks, without Content-Length.
function send(request, seconds) {
  return new Promise((resolve, reject) => {
    const out = http.request(request.url, {
      method: request.method,
      headers: { ...request.headers, 'Transfer-Encoding': 'chunked' },
      signal: AbortSignal.timeout(seconds * 1000),
    });
    out.on('error', reject);
    out.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
    });
    out.write(request.body);
    out.end();
  });
}

// outputOf is what the flow gets of a reply's body.
function outputOf(action, text) {
  const { translationMap, translationMapDefaults, successTemplate } = action.config.response;
  const context = { rawResult: text, esc };
  const body = text === '' ? undefined : JSON.parse(text);
  if (depth(body) > maxDepth) {
    throw new Error(`the reply is nested deeper than ${maxDepth}`);
  }
  for (const [name, path] of Object.entries(translationMap)) {
    const found = body && typeof body === 'object' ? jsonpath.query(body, path) : [];
    if (found.length > 0) {
      context[name] = JSON.stringify(found[0]);
    } else if (name in translationMapDefaults) {
      context[name] = JSON.stringify(JSON.parse(translationMapDefaults[name]));
    }
  }
  return JSON.parse(render(successTemplate, context));
}

async function execute(job) {
  const { action, input } = job;
  const done = { outcome: 'failure' };
  try {
    mustFit(action.contract.input.inputSchema, input, 'the input');
    done.request = requestOf(job);
    const { status, text } = await send(done.request, action.config.timeoutSeconds);
    done.status = status;
    if (status < 200 || status > 299) {
      throw new Error(`the answer is ${status}`);
    }
    const output = outputOf(action, text);
    mustFit(action.contract.output.successSchema, output, 'the output');
    Object.assign(done, { outcome: 'success', output });
  } catch (trouble) {
    done.why = trouble.message;
  }
  return done;
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk;
  }
  const answers = [];
  for (const job of JSON.parse(text)) {
    answers.push('template' in job ? { text: render(job.template, { ...job.context, esc }) } : await execute(job));
  }
  process.stdout.write(JSON.stringify(answers));
}

main().catch((trouble) => {
  console.error(trouble);
  process.exitCode = 1;
});
