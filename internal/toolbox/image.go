package toolbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/gofrs/flock"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
)

// Label marks every image of this package: "tasks.test=toolbox".
const Label = "tasks.test=toolbox"

// Image ensures that the toolbox image exists, and returns the reference. The image's user is root and the command sh.
// A user app (1000:1000) with the home /home/app exists. Tests of several processes may call Image at once.
func Image(t testing.TB) string {
	t.Helper()
	return ImageWith(t)
}

// ImageWith is [Image] with changes of the configuration, as lines of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE,
// HEALTHCHECK, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR. The same changes give the same image.
func ImageWith(t testing.TB, changes ...string) string {
	t.Helper()
	ref, err := Provide(t.Context(), Client(t), changes...)
	if err != nil {
		t.Fatalf("making the toolbox image: %v", err)
	}
	return ref
}

// Provide is [ImageWith] for programs without a test.
func Provide(ctx context.Context, cli *client.Client, changes ...string) (string, error) {
	version, err := cli.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", fmt.Errorf("asking the engine for its architecture: %w", err)
	}
	return provide(ctx, cli, version.Arch, changes)
}

// provide builds the program and imports the image if missing. Test processes wait for each other by a lock on a file
// of the machine. The second process finds the finished image.
func provide(ctx context.Context, cli *client.Client, arch string, changes []string) (string, error) {
	dir, err := CacheDir()
	if err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if err := lock.Lock(); err != nil {
		return "", fmt.Errorf("locking %s: %w", lock.Path(), err)
	}
	defer lock.Unlock()
	program, err := build(ctx, filepath.Join(dir, "toolbox-"+arch), arch)
	if err != nil {
		return "", err
	}
	rootfs, err := archive(program)
	if err != nil {
		return "", err
	}
	changes = append(defaults(), changes...)
	ref := reference(rootfs, changes)
	_, err = cli.ImageInspect(ctx, ref)
	if errdefs.IsNotFound(err) {
		return ref, load(ctx, cli, ref, rootfs, changes)
	}
	return ref, err
}

// CacheDir returns this user's folder for files shared between tests.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	dir := filepath.Join(base, "tasks-test")
	return dir, os.MkdirAll(dir, 0o755)
}

// defaults returns the configuration of every toolbox image.
func defaults() []string {
	return []string{"ENV PATH=/bin", `CMD ["sh"]`, "LABEL " + Label}
}

// reference returns an image name with a hash of the whole content.
func reference(rootfs []byte, changes []string) string {
	hash := sha256.New()
	hash.Write(rootfs)
	for _, change := range changes {
		fmt.Fprintf(hash, "\x00%s", change)
	}
	return "tasks-test/toolbox:" + hex.EncodeToString(hash.Sum(nil))[:12]
}

// load imports the image. The engine reports a failure inside the stream of messages.
func load(ctx context.Context, cli *client.Client, ref string, rootfs []byte, changes []string) error {
	source := client.ImageImportSource{Source: bytes.NewReader(rootfs), SourceName: "-"}
	messages, err := cli.ImageImport(ctx, source, ref, client.ImageImportOptions{Changes: changes})
	if err != nil {
		return fmt.Errorf("importing %s with %q: %w", ref, changes, err)
	}
	defer messages.Close()
	return streamError(messages)
}

// streamError reads a stream of messages to the end. From API 1.48 on, engines may omit the text of an error in the
// field "error".
func streamError(messages io.Reader) error {
	decoder := json.NewDecoder(messages)
	for {
		var message jsonstream.Message
		if err := decoder.Decode(&message); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("reading the engine's answer: %w", err)
		}
		if message.Error != nil {
			return errors.New(strings.TrimSpace(message.Error.Message))
		}
	}
}
