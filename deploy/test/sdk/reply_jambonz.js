'use strict';

// Judges jambonz applications by the vendor's own validator of verbs.

const { validate } = require('@jambonz/verb-specifications');

const replies = require('./replies.js');

const logger = { info() {}, error() {}, debug() {} };

replies.run((reply) => {
  if (reply.status !== 200 || reply.content_type !== 'application/json') {
    return 'jambonz takes 200 and application/json alone';
  }
  const application = JSON.parse(reply.body);
  validate(logger, application);
  if (application.length === 0 && reply.act !== 'nothing') {
    return 'an application without a verb ends the call';
  }
  return '';
});
