'use strict';

// What the judges of replies have in common. Standard input is a list of
// replies in JSON, or one a line:
//
//   {name, act, status, content_type, body, wrong}
//
// Each judge gives the first thing that is wrong with a reply, or throws it.
// A reply with wrong set must have one. Standard output is how many replies were
// judged; the exit code is 1 where a verdict was not the one that was wanted.

async function read() {
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk;
  }
  return text
    .split('\n')
    .filter((line) => line.trim())
    .flatMap((line) => JSON.parse(line));
}

function verdict(judge, reply) {
  try {
    return judge(reply);
  } catch (refusal) {
    return refusal.message;
  }
}

async function main(judge, prepare) {
  const replies = await read();
  prepare(replies);
  for (const reply of replies) {
    const trouble = verdict(judge, reply);
    if (Boolean(trouble) !== reply.wrong) {
      console.error(`${reply.name}: ${trouble || 'nothing is wrong with it, says the judge'}\n${reply.body}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(String(replies.length));
}

// run judges standard input. Where prepare is given it sees all the replies
// before the first is judged. An SDK may talk on standard output; that is for
// the answer only.
exports.run = (judge, prepare = () => {}) => {
  console.log = console.info = console.error;
  main(judge, prepare).catch((trouble) => {
    console.error(trouble);
    process.exitCode = 1;
  });
};
