module.exports = require('../silence')('sequence-flow-condition');
