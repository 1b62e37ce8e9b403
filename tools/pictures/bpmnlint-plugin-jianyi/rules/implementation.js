module.exports = require('../silence')('implementation');
