// Picking: all states with a license at one click; what is open stays open when the preview follows.
(function () {
  "use strict";

  document.querySelectorAll("[data-tick-licensed]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var boxes = Array.from(document.querySelectorAll("[data-licensed]"));
      var ticked = boxes.every(function (box) { return box.checked; });
      boxes.forEach(function (box) { box.checked = !ticked; });
      if (boxes.length) boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  var states = {};
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "preview") return;
    event.detail.target.querySelectorAll("details[id]").forEach(function (part) {
      states[part.id] = part.open;
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    document.querySelectorAll("#preview details[id]").forEach(function (part) {
      if (part.id in states) part.open = states[part.id];
    });
  });
})();
