'use strict';

// Judges a CloudFormation template, as JSON, by AWS's own specification of
// resources: what it says of types, properties, attributes and what must be
// there. It answers with the faults that it finds.

const spec = require('@aws-cdk/cfnspec').specification();

const pseudo = ['AWS::AccountId', 'AWS::NoValue', 'AWS::Partition', 'AWS::Region', 'AWS::StackId', 'AWS::StackName', 'AWS::URLSuffix'];

const isIntrinsic = (v) => v && typeof v === 'object' && Object.keys(v).some((k) => k === 'Ref' || k.startsWith('Fn::'));

function judge(template) {
  const faults = [];
  const names = [...Object.keys(template.Parameters ?? {}), ...Object.keys(template.Resources), ...pseudo];
  for (const [name, resource] of Object.entries(template.Resources)) {
    const type = spec.ResourceTypes[resource.Type];
    if (!type) {
      faults.push(`${name}: there is no type ${resource.Type}`);
      continue;
    }
    properties(name, resource.Type, type.Properties, resource.Properties ?? {}, faults);
  }
  references(template, template, names, faults);
  return faults;
}

function properties(where, type, known, given, faults) {
  for (const [name, value] of Object.entries(given)) {
    if (!known[name]) {
      faults.push(`${where}: ${type} has no property ${name}`);
    } else if (!isIntrinsic(value)) {
      valueOf(`${where}.${name}`, type, known[name], value, faults);
    }
  }
  for (const [name, property] of Object.entries(known)) {
    if (property.Required && !(name in given)) {
      faults.push(`${where}: ${type} wants ${name}`);
    }
  }
}

function valueOf(where, type, property, value, faults) {
  const primitive = property.PrimitiveType ?? (property.PrimitiveTypes ?? [])[0];
  if (primitive && !plain(property, value)) {
    faults.push(`${where}: ${JSON.stringify(value)} is no ${primitive}`);
  }
  if (property.Type === 'List' && !Array.isArray(value)) {
    faults.push(`${where}: ${JSON.stringify(value)} is no list`);
  }
  const nested = spec.PropertyTypes[`${type}.${property.Type}`];
  if (nested?.Properties && typeof value === 'object') {
    properties(where, `${type}.${property.Type}`, nested.Properties, value, faults);
  }
}

function plain(property, value) {
  const as = { String: 'string', Integer: 'number', Long: 'number', Double: 'number', Boolean: 'boolean' };
  const types = property.PrimitiveTypes ?? [property.PrimitiveType];
  return types.some((t) => !as[t] || typeof value === as[t]) || (property.Types ?? []).length > 0;
}

function references(template, value, names, faults) {
  if (Array.isArray(value)) {
    value.forEach((v) => references(template, v, names, faults));
    return;
  }
  if (!value || typeof value !== 'object') {
    return;
  }
  if (value.Ref && !names.includes(value.Ref)) {
    faults.push(`nothing is called ${value.Ref}`);
  }
  if (value['Fn::If'] && !(value['Fn::If'][0] in (template.Conditions ?? {}))) {
    faults.push(`there is no condition ${value['Fn::If'][0]}`);
  }
  if (typeof value['Fn::Sub'] === 'string') {
    for (const [, name] of value['Fn::Sub'].matchAll(/\$\{([\w:]+)\}/g)) {
      if (!names.includes(name)) faults.push(`nothing is called ${name}`);
    }
  }
  if (value['Fn::GetAtt'] && !template.Resources[value['Fn::GetAtt'][0]]) {
    faults.push(`there is no resource ${value['Fn::GetAtt'][0]}`);
  }
  Object.values(value).forEach((v) => references(template, v, names, faults));
}

let text = '';
process.stdin.on('data', (part) => (text += part));
process.stdin.on('end', () => process.stdout.write(JSON.stringify(judge(JSON.parse(text)))));
