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

// What changes how a list is seen: one panel at a time, filters that fit their field, columns in any order.
(function () {
  "use strict";

  document.addEventListener("toggle", function (event) {
    var tool = event.target;
    if (!tool.matches || !tool.matches(".list-tool") || !tool.open) return;
    document.querySelectorAll(".list-tool[open]").forEach(function (other) {
      if (other !== tool) other.open = false;
    });
    fit(tool.querySelector("[data-filter]"));
  }, true);

  document.addEventListener("keydown", function (event) {
    var tool = event.key === "Escape" && document.querySelector(".list-tool[open]");
    if (!tool) return;
    tool.open = false;
    tool.querySelector("summary").focus();
  });

  document.addEventListener("click", function (event) {
    document.querySelectorAll(".list-tool[open]").forEach(function (tool) {
      if (!tool.contains(event.target)) tool.open = false;
    });
  });

  // Only what can be asked of the field, and its values to choose from.
  function fit(form) {
    if (!form) return;
    var field = form.elements.field.selectedOptions[0];
    var how = form.elements.how;
    var takes = field.dataset.takes.split(" ");
    Array.from(how.options).forEach(function (option) {
      option.hidden = option.disabled = takes.indexOf(option.value) < 0;
    });
    if (how.selectedOptions[0].disabled) how.value = takes[0];
    var values = form.querySelector('template[data-values="' + field.value + '"]');
    var list = form.querySelector("datalist");
    list.replaceChildren(values ? values.content.cloneNode(true) : "");
    var none = how.value === "empty" || how.value === "filled";
    form.elements.value.disabled = none;
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest("[data-filter]");
    if (form && (event.target.name === "field" || event.target.name === "how")) fit(form);
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-move]");
    if (!button) return;
    var item = button.closest("li");
    if (button.dataset.move === "up" && item.previousElementSibling) {
      item.parentNode.insertBefore(item, item.previousElementSibling);
    } else if (button.dataset.move === "down" && item.nextElementSibling) {
      item.parentNode.insertBefore(item.nextElementSibling, item);
    }
    button.focus();
  });

  var dragged = null;

  document.addEventListener("dragstart", function (event) {
    dragged = event.target.closest && event.target.closest(".list-columns li");
    if (dragged) dragged.classList.add("dragged");
  });

  document.addEventListener("dragover", function (event) {
    var over = dragged && event.target.closest(".list-columns li");
    if (!over || over === dragged || over.parentNode !== dragged.parentNode) return;
    event.preventDefault();
    var box = over.getBoundingClientRect();
    var before = event.clientY < box.top + box.height / 2;
    over.parentNode.insertBefore(dragged, before ? over : over.nextElementSibling);
  });

  document.addEventListener("dragend", function () {
    if (dragged) dragged.classList.remove("dragged");
    dragged = null;
  });
})();
