module.exports = require('../silence')('timer');
