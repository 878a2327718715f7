// Says that a file is too large before it is sent; the server says it again.
(function () {
  "use strict";

  document.addEventListener("change", function (event) {
    var form = event.target.closest("[data-document]");
    var file = form && event.target.files && event.target.files[0];
    if (!file) return;
    var largest = Number(form.dataset.largest);
    var isTooLarge = file.size > largest;
    form.querySelector("[data-words]").textContent = isTooLarge
      ? "“" + file.name + "” has " + (file.size / 1048576).toFixed(1) + " MB; at most " + largest / 1048576 +
        " MB are taken. Make the photo or scan smaller and choose it again."
      : "";
    form.querySelector("[data-trouble]").hidden = !isTooLarge;
    form.querySelector("button").disabled = isTooLarge;
  });
})();
