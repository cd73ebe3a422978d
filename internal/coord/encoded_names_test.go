package coord

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"deploy", "lock-deploy"},
		{"Deploy", "lock-%44eploy"},
		{"a/b", "lock-a%2fb"},
		{"..", "lock-%2e%2e"},
		{"", "lock-"},
		{"test@db=16", "lock-test%40db%3d16"},
		{"50%", "lock-50%25"},
		{"über", "lock-%c3%bcber"},
		{"a\x00b\n", "lock-a%00b%0a"},
		{"con", "lock-con"},
	} {
		if got := fileName("lock", test.name); got != test.want {
			t.Errorf("%q: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestLongFileNames(t *testing.T) {
	long := strings.Repeat("x", 300)
	a, b := fileName("lock", long+"a"), fileName("lock", long+"b")
	if a == b {
		t.Error("two names share a file")
	}
	if len(a) > maxEncodedName+len("lock-") {
		t.Errorf("%d characters", len(a))
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("a", "A")
	f.Add("a/b", "a%2fb")
	f.Add(strings.Repeat("/", 60), strings.Repeat("/", 61))
	f.Fuzz(func(t *testing.T, a, b string) {
		fileA, fileB := fileName("lock", a), fileName("lock", b)
		if (a == b) != (fileA == fileB) {
			t.Errorf("%q and %q: %s and %s", a, b, fileA, fileB)
		}
		if fileA != strings.ToLower(fileA) {
			t.Errorf("%s depends on case", fileA)
		}
		if strings.ContainsAny(fileA, "/\\:*?\"<>|\x00. ") || len(fileA) > maxEncodedName+len("lock-") {
			t.Errorf("%s is no file name everywhere", fileA)
		}
	})
}
