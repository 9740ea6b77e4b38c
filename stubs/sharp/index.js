module.exports = () => {
  throw new Error('Image processing is not part of this service.');
};
