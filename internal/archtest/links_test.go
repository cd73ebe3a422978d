package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// TestLinks: a page's links into this repository lead to a file, and the part after # to a heading of the page.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	files, anchors := 0, 0
	for _, page := range pages(t) {
		text := withoutCode(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor := m[1], m[2]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path := page
			if target != "" {
				files++
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, target, err)
				continue
			}
			if anchor == "" || !strings.HasSuffix(path, ".md") {
				continue
			}
			if anchors++; !headings(withoutCode(t, path))[anchor] {
				t.Errorf("%s links to %s#%s: no heading of the page has this anchor", page, target, anchor)
			}
		}
	}
	if files < 20 || anchors < 100 {
		t.Errorf("only %d links to files and %d to headings found: the pattern is wrong", files, anchors)
	}
}

// withoutCode returns a page without its blocks of code.
func withoutCode(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile("(?ms)^ *```.*?^ *```").ReplaceAllString(string(text), "")
}

// headings returns the anchors of a page, as GitHub makes them: lower case, without punctuation, hyphens for spaces, and
// a number behind a repeated heading.
func headings(text string) map[string]bool {
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	linked := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
	anchors, uses := map[string]bool{}, map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^#{1,6} +(.*)$`).FindAllStringSubmatch(text, -1) {
		heading := linked.ReplaceAllString(strings.TrimSpace(m[1]), "$1")
		anchor := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
		if n := uses[anchor]; n > 0 {
			anchors[fmt.Sprintf("%s-%d", anchor, n)] = true
		} else {
			anchors[anchor] = true
		}
		uses[anchor]++
	}
	return anchors
}

func TestHeadings(t *testing.T) {
	got := headings("# The `tasks` \"NAME\"\n## `tasks ps --json`\ntext\n## Again\n## Again\n### [Link](x.md), it's\n")
	for _, anchor := range []string{"the-tasks-name", "tasks-ps---json", "again", "again-1", "link-its"} {
		if !got[anchor] {
			t.Errorf("no %s in %v", anchor, got)
		}
	}
}

// pages are the Markdown files of the repository.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestChangelogRepeatsNothing: no two items of the changelog begin alike. Merges have left such items.
func TestChangelogRepeatsNothing(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	const beginning = 45
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		start := line[:min(len(line), beginning)]
		if seen[start] {
			t.Errorf("two items begin with %q", start)
		}
		seen[start] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d items found: the pattern is wrong", len(seen))
	}
}
