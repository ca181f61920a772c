'use strict';

// Documents as trees: {name, attributes, text, children}. The parser is the
// one that Bandwidth's SDK builds on; it forgives much, which is why xmllint
// reads the same documents.

const { create } = require(require.resolve('xmlbuilder2', { paths: [require.resolve('bandwidth-sdk')] }));

function tree(node) {
  const children = [...node.childNodes];
  return {
    name: node.nodeName,
    attributes: Object.fromEntries([...node.attributes].map((a) => [a.name, a.value]).sort()),
    text: children
      .filter((child) => child.nodeType === child.TEXT_NODE || child.nodeType === child.CDATA_SECTION_NODE)
      .map((child) => child.data)
      .join(''),
    children: children.filter((child) => child.nodeType === child.ELEMENT_NODE).map(tree),
  };
}

// read is the tree of a document's root.
exports.read = (text) => tree(create(text).root().node);

// different says how two documents differ; empty if they are the same.
exports.different = (ours, theirs) => {
  const [a, b] = [exports.read(ours), exports.read(theirs)].map((t) => JSON.stringify(t));
  return a === b ? '' : `the SDK writes\n${theirs}`;
};

// attributesOf reads the attributes that the declarations of an SDK in
// TypeScript give an interface, as {name: type}; undefined if there is no such
// interface.
exports.attributesOf = (declarations, name) => {
  const body = new RegExp(`export interface ${name} (?:extends \\w+ )?\\{([^}]*)\\}`).exec(declarations);
  return body && Object.fromEntries([...body[1].matchAll(/^\s*(\w+)\??: ([^;]+);/gm)].map((m) => [m[1], m[2]]));
};

// unfit says which attribute of an element the SDK doesn't have, or has with
// another type; empty if none.
exports.unfit = (element, known = {}) => {
  for (const [name, value] of Object.entries(element.attributes)) {
    if (!(name in known)) {
      return `<${element.name}> has no attribute ${name}`;
    }
    const fits = { number: /^\d+$/, boolean: /^(true|false)$/ }[known[name]];
    if (fits && !fits.test(value)) {
      return `${name} of <${element.name}> is no ${known[name]}`;
    }
  }
  return '';
};
