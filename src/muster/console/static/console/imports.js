// The upload form (drop, check the size, show how far it is), the choice on the check page, and what is said aloud.
(function () {
  "use strict";

  function inWords(bytes) {
    var units = [["GB", 1073741824], ["MB", 1048576], ["KB", 1024]];
    for (var i = 0; i < units.length; i += 1) {
      if (bytes >= units[i][1]) return (bytes / units[i][1]).toFixed(1).replace(/\.0$/, "") + " " + units[i][0];
    }
    return bytes + " bytes";
  }

  function trouble(form, file) {
    var workbook = /\.(xlsx|xlsm|xls|ods)$/i.test(file.name);
    var limit = Number(workbook ? form.dataset.xlsxBytes : form.dataset.csvBytes);
    if (/\.xls$/i.test(file.name)) {
      return "This is a workbook in the format of Excel 97-2003 (.xls). Save it as Excel Workbook (.xlsx) first.";
    }
    if (file.size === 0) return "The file is empty. Fill in the template and choose it again.";
    if (file.size > limit) {
      return (
        "The file has " + inWords(file.size) + "; the limit for " + (workbook ? "XLSX" : "CSV") + " files is " +
        inWords(limit) + ". Split it into several files, each with the header row" +
        (workbook ? ", or save it as CSV, which may be larger." : ".")
      );
    }
    return "";
  }

  function say(form, words) {
    var place = form.querySelector(".upload-said");
    place.querySelector("[data-said]").textContent = words;
    place.hidden = !words;
  }

  function show(form) {
    var file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    form.querySelector("[data-file-name]").textContent = file.name;
    form.querySelector("[data-file-size]").textContent = inWords(file.size) + " · choose another";
    form.querySelector("[data-dropzone]").classList.add("dropzone-full");
    var words = trouble(form, file);
    say(form, words);
    form.querySelector("button[type=submit]").disabled = Boolean(words);
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest("[data-upload]");
    if (form && event.target.type === "file") show(form);
    if (event.target.name === "policy") choose(event.target.form);
  });

  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var zone = event.target.closest && event.target.closest("[data-dropzone]");
      if (!zone) return;
      event.preventDefault();
      zone.classList.add("dropzone-over");
    });
  });
  document.addEventListener("dragleave", function (event) {
    var zone = event.target.closest && event.target.closest("[data-dropzone]");
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("dropzone-over");
  });
  document.addEventListener("drop", function (event) {
    var zone = event.target.closest && event.target.closest("[data-dropzone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("dropzone-over");
    if (event.dataTransfer.files.length) {
      zone.querySelector("input[type=file]").files = event.dataTransfer.files;
      show(zone.closest("[data-upload]"));
    }
  });
  // A file that misses the zone must not replace the page.
  ["dragover", "drop"].forEach(function (name) {
    window.addEventListener(name, function (event) {
      if (document.querySelector("[data-upload]")) event.preventDefault();
    });
  });

  function sending(form, on) {
    form.querySelector("[data-upload-progress]").hidden = !on;
    form.querySelector("button[type=submit]").disabled = on;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.matches("[data-upload]")) sending(event.target, true);
  });
  document.addEventListener("htmx:xhr:progress", function (event) {
    var form = event.target;
    if (!form.matches("[data-upload]") || !event.detail.lengthComputable) return;
    var percent = Math.floor((event.detail.loaded * 100) / event.detail.total);
    var bar = form.querySelector("[data-upload-progress] .progress");
    bar.setAttribute("aria-valuenow", String(percent));
    bar.firstElementChild.style.width = percent + "%";
    form.querySelector("[data-upload-words]").textContent =
      percent < 100
        ? "Uploading: " + inWords(event.detail.loaded) + " of " + inWords(event.detail.total)
        : "Uploaded. Storing it safely…";
  });
  // Stops before the general words of the frame: these say what to do about an upload.
  ["htmx:responseError", "htmx:sendError"].forEach(function (name) {
    document.addEventListener(
      name,
      function (event) {
        var form = event.target;
        if (!form.matches || !form.matches("[data-upload]")) return;
        event.stopImmediatePropagation();
        sending(form, false);
        var status = event.detail.xhr ? event.detail.xhr.status : 0;
        say(
          form,
          status === 413
            ? "The file is larger than Muster reads. Split it into several files, each with the header row."
            : status === 0
              ? "The upload broke off. Check your connection and press the button again; nothing is taken in twice."
              : "The upload did not work (error " + status + "). Reload the page and try again."
        );
      },
      true
    );
  });

  // All or nothing with rejected rows: the button says why it cannot be pressed.
  function choose(form) {
    var button = form.querySelector("#process");
    var why = form.querySelector("#why-not");
    if (!button || !why || !form.matches("[data-decide]")) return;
    if (!button.dataset.words) button.dataset.words = button.disabled ? "never" : "yes";
    if (button.dataset.words === "never") return;
    var chosen = form.querySelector("input[name=policy]:checked");
    var stops = Boolean(chosen) && chosen.value === "all-or-nothing";
    button.disabled = stops;
    why.textContent = stops ? why.dataset.allOrNothing : "";
    why.hidden = !stops;
    if (stops) button.setAttribute("aria-describedby", "why-not");
    else button.removeAttribute("aria-describedby");
  }

  // A progress bar that changes each second would never let a screen reader finish; its words change seldom.
  document.addEventListener("htmx:afterSwap", function () {
    var progress = document.querySelector("#progress[data-said]");
    var said = document.getElementById("said");
    if (progress && said && said.textContent !== progress.dataset.said) said.textContent = progress.dataset.said;
  });
})();
