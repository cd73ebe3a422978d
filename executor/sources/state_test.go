package sources

import (
	"archive/tar"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func TestStateIsReadAsWritten(t *testing.T) {
	layers := []ocispec.Descriptor{{MediaType: "m", Digest: "sha256:a", Size: 5}}
	parents := []tar.Header{{Typeflag: tar.TypeDir, Name: "usr/", Mode: 0o1777, Uid: 4}}
	written := sent{Ref: "a:b", Count: 3, Layers: layers, Parents: parents, Tree: tree{Mounts: []string{"app", "x"}, Entries: []entry{
		{Path: "app", Kind: directory, Mode: 0o1755, UID: 12, GID: 1 << 30, Modified: time.Unix(1_700_000_000, 0)},
		{Path: "app/f", Kind: regular, Size: 1 << 40, Sum: "\x00\xff", Modified: time.Unix(-5, 0)},
		{Path: "app/l", Kind: link, Target: "f", Modified: time.Unix(0, 0)},
	}}}
	var read sent
	if !decode(encode(written), &read) {
		t.Fatal("the state is unreadable")
	}
	if diff := cmp.Diff(written, read, cmp.AllowUnexported(tree{}), cmpopts.IgnoreUnexported(entry{})); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	known := hashes{"/a": {Stat: stat{Size: 1, Modified: -1, Changed: 2, Inode: 1<<64 - 1}, Sum: "s"}, "/b": {}}
	var again hashes
	if !decode(encode(known), &again) {
		t.Fatal("the hashes are unreadable")
	}
	if diff := cmp.Diff(known, again); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

// TestBrokenStateIsMissing cuts the content at each place, and changes each byte: no error, no crash.
func TestBrokenStateIsMissing(t *testing.T) {
	whole, err := tree{Mounts: []string{"m"}, Entries: []entry{{Path: "m", Kind: regular, Sum: "s"}}}.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		if err := new(tree).UnmarshalBinary(whole[:i]); err == nil {
			t.Errorf("%d of %d bytes are no error", i, len(whole))
		}
		broken := append([]byte{}, whole...)
		broken[i] = 0xff
		_ = new(tree).UnmarshalBinary(broken)
		_ = new(hashes).UnmarshalBinary(broken)
		_ = new(sent).UnmarshalBinary(broken)
	}
	if err := new(tree).UnmarshalBinary(append(whole, 0)); err == nil {
		t.Error("a byte too many is no error")
	}
}
