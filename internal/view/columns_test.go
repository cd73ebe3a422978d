package view

import "testing"

func TestCutTo(t *testing.T) {
	tests := map[string]struct {
		text string
		most int
		want string
	}{
		"short":            {"image app", 9, "image app"},
		"long":             {"image apps", 9, "image ap…"},
		"wide":             {"日本語", 6, "日本語"},
		"wide, cut":        {"日本語", 5, "日本…"},
		"half a character": {"日本語", 4, "日…"},
		"fullwidth":        {"ＡＢＣ", 5, "ＡＢ…"},
		"emoji":            {"📦📦📦", 5, "📦📦…"},
		"accent":           {"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		"accent, cut":      {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		"joined":           {"👩\u200d💻👩\u200d💻", 7, "👩\u200d💻…"},
		"flags":            {"🇩🇪🇫🇷", 3, "🇩🇪…"},
		"coloured":         {"⚙\ufe0f⚙\ufe0f", 3, "⚙\ufe0f…"},
		"soft hyphen":      {"a\u00adb", 2, "a…"},
		"not UTF-8":        {"\xff\xff\xff", 2, "\xff…"},
		"no room":          {"long", 1, "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := cutTo(test.text, test.most)
			if got != test.want {
				t.Errorf("cutTo(%q, %d) = %q, want %q", test.text, test.most, got, test.want)
			}
			if columns(got) > test.most {
				t.Errorf("%q takes %d columns, more than %d", got, columns(got), test.most)
			}
		})
	}
}

func TestCutMiddle(t *testing.T) {
	for text, want := range map[string]string{
		"short": "short", "container shop-service10-1": "container s…e10-1", "日本語日本語日本語日本語": "日本語日本語…本語",
	} {
		if got := cutMiddle(text, 17); got != want || columns(got) > 17 {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
