// Picking: all states with a license, or of a territory, at one click; what is open stays open when the preview
// follows.
(function () {
  "use strict";

  // Ticks all of them; where all are ticked, none.
  function ticks(button, boxesOf) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var boxes = boxesOf();
      var ticked = boxes.every(function (box) { return box.checked; });
      boxes.forEach(function (box) {
        box.checked = !ticked;
        var around = box.closest("details");
        if (around && !ticked) around.open = true;
      });
      if (boxes.length) boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  document.querySelectorAll("[data-tick-licensed]").forEach(function (button) {
    ticks(button, function () { return Array.from(document.querySelectorAll("[data-licensed]")); });
  });
  document.querySelectorAll("[data-tick-states]").forEach(function (button) {
    var codes = button.dataset.tickStates.split(" ");
    ticks(button, function () {
      return Array.from(document.querySelectorAll("input[name=state]")).filter(function (box) {
        return codes.includes(box.value);
      });
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
