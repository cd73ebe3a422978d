package imagesend

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// randomText returns a text that does not become smaller when it is packed. Equal seeds give equal texts.
func randomText(seed uint64, size int) string {
	source := rand.New(rand.NewPCG(seed, 0))
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(source.Uint32())
	}
	return string(content)
}

// The sizes of the layers: the base is much larger than all else.
const (
	baseSize = 200_000
	topSize  = 2_000
	// smallSize bounds the bytes of a transfer without the base.
	smallSize = 20_000
)

var formNames = map[form]string{directories: "directories", plain: "plain", packed: "packed"}

// TestTransferBetweenAllStores sends an image from each kind of store to each: without the base, with the base, again.
func TestTransferBetweenAllStores(t *testing.T) {
	base, middle, top := randomText(1, baseSize), "", randomText(2, topSize)
	for from, fromName := range formNames {
		for to, toName := range formNames {
			t.Run(fromName+" to "+toName, func(t *testing.T) {
				source, target := newStore(t, from), newStore(t, to)
				source.build("web:1", base, middle, "x", middle)
				source.build("web:2", base, middle, "x", top, middle, "y")
				send := func(ref string) Result {
					t.Helper()
					result, err := Transfer{From: source, To: target, Address: "tcp://x", Ref: ref}.Send(t.Context(), nil)
					if err != nil {
						t.Fatal(err)
					}
					image, found := target.images[result.ID]
					if !found || !slices.Equal(image.Layers, source.images[ref].Layers) || target.images[ref].ID != result.ID {
						t.Errorf("%s is %+v at the target", ref, image)
					}
					return result
				}
				if r := send("web:1"); r.Sent < baseSize || r.Layers != 4 || r.All != 4 {
					t.Errorf("without the base: %+v", r)
				}
				forecast, err := Transfer{From: source, To: target, Ref: "web:2"}.Forecast(t.Context())
				if err != nil || forecast.IsThere || forecast.Missing != 3 || forecast.Bytes != topSize+1 {
					t.Errorf("the forecast is %+v, %v", forecast, err)
				}
				if r := send("web:2"); r.Sent > smallSize || r.Layers != 3 || target.loads != 2 {
					t.Errorf("with the base: %+v after %d loads", r, target.loads)
				}
				if r := send("web:2"); r.Sent != 0 || target.loads != 2 {
					t.Errorf("again: %+v after %d loads", r, target.loads)
				}
				if forecast, err = (Transfer{From: source, To: target, Ref: "web:2"}).Forecast(t.Context()); !forecast.IsThere {
					t.Errorf("the forecast for an image that is there is %+v, %v", forecast, err)
				}
			})
		}
	}
}

// TestBaseInAnotherPacking: the target has pulled the base, and has its layers packed.
func TestBaseInAnotherPacking(t *testing.T) {
	base := randomText(1, baseSize)
	source, target := newStore(t, plain), newStore(t, packed)
	target.build("base:1", base)
	source.build("web:1", base, "new")
	var texts []string
	result, err := Transfer{From: source, To: target, Address: "ssh://x", Ref: "web:1"}.Send(t.Context(), func(text string) {
		texts = append(texts, text)
	})
	if err != nil || target.loads != 2 || result.Layers != 2 || result.Sent < baseSize || target.images["web:1"].ID != result.ID {
		t.Errorf("after %d loads: %+v, %v", target.loads, result, err)
	}
	if !slices.Equal(target.removed, []string{"web:1"}) {
		t.Errorf("removed: %v", target.removed)
	}
	want := []string{"send image web:1: 1 of 2 layers, 1 KB", "send image web:1: 2 of 2 layers, 201 KB"}
	if !slices.Equal(texts, want) {
		t.Errorf("the texts are %q", texts)
	}
}

// TestImageKeepsItsID: the same kind of store has the same id, so that an image by its id is found.
func TestImageKeepsItsID(t *testing.T) {
	for _, kind := range []form{plain, packed} {
		source, target := newStore(t, kind), newStore(t, kind)
		source.build("web:1", "base", "top")
		id := source.images["web:1"].ID
		result, err := Transfer{From: source, To: target, Address: "tcp://x", Ref: id}.Send(t.Context(), nil)
		if err != nil || result.ID != id {
			t.Errorf("%s: the id is %s, not %s: %v", formNames[kind], result.ID, id, err)
		}
		if len(target.images) != 1 {
			t.Errorf("%s: the image has a name: %v", formNames[kind], target.images)
		}
	}
}

// TestFailedTransfer: the error names the image and the engine, and no image stays that cannot be used.
func TestFailedTransfer(t *testing.T) {
	source, target := newStore(t, plain), newStore(t, plain)
	source.build("web:1", "base", "top")
	target.breakLoad = errors.New("no space left on device")
	_, err := Transfer{From: source, To: target, Address: "tcp://node", Ref: "web:1"}.Send(t.Context(), nil)
	want := "send image web:1 to the engine at tcp://node: no space left on device"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
	if !slices.Equal(target.removed, []string{"web:1"}) {
		t.Errorf("removed: %v", target.removed)
	}
	target.build("web:1", "older")
	older := target.images["web:1"].ID
	if _, err = (Transfer{From: source, To: target, Address: "tcp://node", Ref: "web:1"}).Send(t.Context(), nil); err == nil {
		t.Error("a failed load is no error")
	}
	if now := target.images["web:1"].ID; now != older {
		t.Errorf("the older image %s of the name is gone: %q", older, now)
	}
	target.breakInspect, target.removed = errors.New("connection reset"), nil
	if _, err = (Transfer{From: source, To: target, Address: "tcp://node", Ref: "web:1"}).Send(t.Context(), nil); err == nil ||
		len(target.removed) > 0 {
		t.Errorf("an unknown state of the name: error %v, removed %v", err, target.removed)
	}
	target.breakInspect = nil
	if _, err := (Transfer{From: source, To: target, Ref: "none"}).Send(t.Context(), nil); err == nil {
		t.Error("a missing image is no error")
	}
}

// TestNoTemporaryFileStays: large images would fill the disk.
func TestNoTemporaryFileStays(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	source, target := newStore(t, plain), newStore(t, plain)
	source.build("web:1", "base")
	if _, err := (Transfer{From: source, To: target, Address: "tcp://x", Ref: "web:1"}).Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestNames(t *testing.T) {
	id := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for ref, want := range map[string]string{
		"web": "web:latest", "registry.example.com:5000/ci/web:1": "registry.example.com:5000/ci/web:1", id: "",
		strings.TrimPrefix(id, "sha256:"): "", "web@" + id: "", "web:1@" + id: "", "docker.io/library/web": "web:latest",
	} {
		if got := tagged(ref); got != want {
			t.Errorf("the name of %s is %q, not %q", ref, got, want)
		}
	}
}
