/**
 * The rules of Camunda 8.8 for the linter. Each rule that reports something which jianyi runs is wrapped: those reports, and no
 * others, are dropped. Which they are stands in silenced.json, made by tools/language_reference.py from the language itself.
 */
const camunda = require('bpmnlint-plugin-camunda-compat');

const silenced = require('./silenced.json');

const ours = camunda.configs['camunda-cloud-8-8'].rules;

const rules = {};
for (const rule of Object.keys(silenced)) {
  rules[`camunda-compat/${rule}`] = 'off';
  rules[rule] = ours[rule];
}

module.exports = {
  configs: {
    recommended: { extends: 'plugin:camunda-compat/camunda-cloud-8-8', rules }
  },
  rules: Object.fromEntries(Object.keys(silenced).map(rule => [ rule, `./rules/${rule}` ]))
};
