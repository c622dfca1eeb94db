import "./embedding/file_dropzone.js";
