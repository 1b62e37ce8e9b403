module.exports = require('../silence')('wait-for-completion');
