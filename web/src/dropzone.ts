import "./upload/upload_area.js";
