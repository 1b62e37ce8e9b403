module.exports = require('../silence')('loop-characteristics');
