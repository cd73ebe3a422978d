package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// measure is a script that writes what a browser makes of the page into an element.
const measure = `<script>
addEventListener("load", () => {
  const boxes = [...document.querySelectorAll("svg g")].map(g => {
    const box = g.querySelector("rect").getBBox(), text = g.querySelector("text").getBBox();
    return text.x >= box.x && text.x + text.width <= box.x + box.width && text.height <= box.height;
  });
  const ids = [...document.querySelectorAll("nav a")].map(a => document.getElementById(a.hash.slice(1)) !== null);
  const out = document.createElement("output");
  out.textContent = JSON.stringify({
    Title: document.title, Width: document.documentElement.scrollWidth, View: innerWidth, Boxes: boxes, Links: ids,
    Requests: performance.getEntriesByType("resource").length, Arrows: document.querySelectorAll("svg > path").length,
    Font: getComputedStyle(document.querySelector("h1")).fontSize,
  });
  document.body.append(out);
});
</script>`

// TestBrowser looks at the page in a browser: at 1,000 and at 400 pixels the page is no wider than the window, the texts
// fit into their boxes, the links have a target, and nothing is loaded.
func TestBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("SKIPPED, NOT TESTED: there is no browser: apt-get install chromium (%v)", err)
		}
		t.Fatal(err)
	}
	file, needs := parse(t, tasksHCL)
	page, err := New("Shop", file, needs).HTML()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(strings.Replace(page, "</head>", measure+"</head>", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, size := range []string{"1000,800", "500,800"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--window-size="+size, "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+path)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		found := regexp.MustCompile(`<output>(.*?)</output>`).FindSubmatch(out)
		if found == nil {
			t.Fatalf("the script has not run\n%s", out)
		}
		var got struct {
			Title, Font                   string
			Width, View, Requests, Arrows int
			Boxes, Links                  []bool
		}
		if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &got); err != nil {
			t.Fatal(err)
		}
		if got.Title != "Shop" || got.Font == "16px" || got.Width > got.View || got.Requests != 0 || got.Arrows != 6 {
			t.Errorf("%s: %+v", size, got)
		}
		if len(got.Boxes) != 7 || len(got.Links) != 4 || bytes.Contains(found[1], []byte("false")) {
			t.Errorf("%s: %+v", size, got)
		}
	}
}
