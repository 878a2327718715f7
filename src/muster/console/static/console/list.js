// Ticking rows of a list: one box for the whole page, and how many are ticked.
(function () {
  "use strict";

  function boxes(form) {
    return Array.from(form.querySelectorAll('tbody input[type="checkbox"]'));
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest(".list-rows");
    if (!form || event.target.type !== "checkbox") return;
    var rows = boxes(form);
    if ("checkAll" in event.target.dataset) {
      rows.forEach(function (box) {
        box.checked = event.target.checked;
      });
    }
    var ticked = rows.filter(function (box) {
      return box.checked;
    }).length;
    var all = form.querySelector("[data-check-all]");
    if (all) {
      all.checked = ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    }
    form.querySelector("[data-chosen]").textContent = String(ticked);
  });
})();
