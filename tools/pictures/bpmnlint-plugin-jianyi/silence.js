/**
 * A rule of Camunda's that reports everything but what stands under its name in silenced.json.
 */
const { placeOf } = require('./places');
const silenced = require('./silenced.json');

module.exports = function(name) {
  const create = require(`bpmnlint-plugin-camunda-compat/rules/camunda-cloud/${name}`);
  const dropped = new Set(silenced[name].map(([ at, message ]) => `${at}: ${message}`));
  return function(config) {
    const rule = create(config);
    return {
      ...rule,
      check(node, reporter) {
        rule.check(node, {
          report(id, message, ...rest) {
            if (!dropped.has(`${placeOf(node)}: ${message}`)) {
              reporter.report(id, message, ...rest);
            }
          }
        });
      }
    };
  };
};
