package hclspec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKnownSecrets: nobody need use them, and what is wrong elsewhere hides none.
func TestKnownSecrets(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"key": `"open-sesame"`}
	f := parseFile(t, in, withSecret+`
variable "unset" {
  sensitive = true
}

variable "unused" {
  sensitive = true
  default   = "by-default"
}

task "wrong" {
  command = ["x", var.unset]
}

task "late" {
  command = ["x", task.right.stdout, "${var.key}/${task.right.stdout}"]
}

task "right" {
  command = ["x", upper(var.key), sensitive("hidden")]
}
`)
	want := Secrets{"OPEN-SESAME", "open-sesame", "by-default", "hidden"}
	if diff := cmp.Diff(want, f.KnownSecrets(in)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
