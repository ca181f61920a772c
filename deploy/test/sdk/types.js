'use strict';

// Judges JSON by the types of an SDK: each text is written into a file of
// TypeScript as a value of a type, and the compiler says what it thinks of it.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Plain is T as it stands in JSON: enums are their values.
const plain = `
type Plain<T> = T extends string ? \`\${T}\` : T extends (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
`;

const options = {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  module: 'node16',
  moduleResolution: 'node16',
  target: 'es2022',
  types: ['node'],
};

// faults maps each reply to what is wrong with it, empty if nothing is.
// imports is the TypeScript that brings the types in, typeOf says which one a
// reply should have.
exports.faults = (imports, replies, typeOf) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'types-'));
  try {
    fs.symlinkSync(path.join(__dirname, 'node_modules'), path.join(dir, 'node_modules'));
    replies.forEach((reply, i) => {
      const text = `${imports}\n${plain}\nexport const reply: Plain<${typeOf(reply)}> = ${reply.body};\n`;
      fs.writeFileSync(path.join(dir, `reply${i}.ts`), text);
    });
    const said = byFile(compile(dir));
    return new Map(replies.map((reply, i) => [reply, (said.get(i) ?? []).join('; ')]));
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
};

function compile(dir) {
  fs.writeFileSync(path.join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const tsc = path.join(__dirname, 'node_modules', '.bin', 'tsc');
  try {
    return execFileSync(tsc, ['--pretty', 'false', '-p', dir], { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
  } catch (refusal) {
    if (!refusal.stdout) {
      throw refusal;
    }
    return refusal.stdout;
  }
}

// byFile gives each file the lines that are about it. One that is about no
// file is about all: then nothing has been judged.
function byFile(output) {
  const said = new Map();
  for (const line of output.split('\n')) {
    const [, file, fault] = /^(?:.*\/)?reply(\d+)\.ts\(\d+,\d+\): (.*)/.exec(line) ?? [];
    if (file) {
      said.set(Number(file), [...(said.get(Number(file)) ?? []), fault]);
    } else if (/\berror TS/.test(line)) {
      throw new Error(line);
    }
  }
  return said;
}
