'use strict';

// Judges a Grafana dashboard by the types of Grafana's own schema. Standard
// input is {name, dashboard}[]; standard output maps each name to what is wrong
// with that dashboard, empty where nothing is.

const types = require('./types.js');

const panels = {
  timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen',
  stat: 'stat/panelcfg/x/StatPanelCfg_types.gen',
  heatmap: 'heatmap/panelcfg/x/HeatmapPanelCfg_types.gen',
};

const imports = [
  "import type { Dashboard, RowPanel, Panel } from '@grafana/schema';",
  ...Object.entries(panels).map(([name, path]) => `import type * as ${name} from '@grafana/schema/dist/esm/raw/composable/${path}';`),
].join('\n');

// A query of Prometheus', whose type is not in the schema: see
// packages/grafana-prometheus/src/types.ts in Grafana's repository.
const target = `{ refId: string, datasource: { type: 'prometheus', uid: string }, expr: string, legendFormat: string,
  range: boolean, instant: boolean, format: 'time_series' | 'heatmap' | 'table', editorMode: 'code' | 'builder' }`;

const panelType = ({ type }) => {
  if (type === 'row') {
    return 'RowPanel';
  }
  if (!panels[type]) {
    return 'never';
  }
  const custom = type === 'stat' ? '{}' : `${type}.FieldConfig`;
  return `Omit<Panel<${type}.Options, ${custom}>, 'options' | 'targets'> & { options: ${type}.Options, targets: ${target}[] }`;
};

// parts are a dashboard without its panels, and each panel by itself.
const parts = (name, dashboard) => {
  const { panels: all, ...rest } = dashboard;
  return [
    { name, type: "Omit<Dashboard, 'panels'>", body: JSON.stringify(rest) },
    ...all.map((panel) => ({ name, type: panelType(panel), body: JSON.stringify(panel), title: panel.title })),
  ];
};

let text = '';
process.stdin.on('data', (chunk) => (text += chunk));
process.stdin.on('end', () => {
  const asked = JSON.parse(text);
  const all = asked.flatMap(({ name, dashboard }) => parts(name, dashboard));
  const faults = types.faults(imports, all, (part) => part.type);
  const answer = Object.fromEntries(asked.map(({ name }) => [name, '']));
  for (const part of all.filter((each) => faults.get(each))) {
    answer[part.name] += `${part.title ?? 'dashboard'}: ${faults.get(part)}\n`;
  }
  process.stdout.write(JSON.stringify(answer));
});
