module.exports = require('../silence')('element-type');
