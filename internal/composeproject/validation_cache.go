package composeproject

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// ValidationCache remembers valid input. A check against the Compose schema costs more than the rest of the load: each
// process compiles the schema again.
type ValidationCache interface {
	// Known reports whether the key was remembered. A forgotten key only costs time.
	Known(key string) bool
	Remember(key string)
}

// loaderVersion is the version of compose-go in go.mod; a test compares both. Another version may accept other input.
const loaderVersion = "v2.16.2"

// loadModel loads the model, and skips the schema for known valid input. Input is known if three things are equal: the
// bytes of all files, the model in the current environment, and the version of the loader.
func (l *projectLoader) loadModel(
	ctx context.Context, options *cli.ProjectOptions, src *sources,
) (*types.Project, error) {
	if l.ValidationCache == nil {
		options.WithListeners(src.onLoadEvent)
		return options.LoadProject(ctx)
	}
	files := options.ConfigPaths
	uncheckedModel, key := loadWithoutSchema(ctx, options, src)
	if key != "" && l.ValidationCache.Known(key) {
		return uncheckedModel, nil
	}
	src.files = files[:len(files):len(files)]
	options, err := l.projectOptions() // the options above skip the check
	if err != nil {
		return nil, err
	}
	options.WithListeners(src.onLoadEvent)
	validModel, err := options.LoadProject(ctx)
	if err == nil && key != "" && isSameModel(validModel, uncheckedModel) {
		l.ValidationCache.Remember(key)
	}
	return validModel, err
}

// loadWithoutSchema loads without the schema. An error or panic gives an empty key: invalid input can break the loader,
// and the checked load then reports the mistake.
func loadWithoutSchema(
	ctx context.Context, options *cli.ProjectOptions, src *sources,
) (model *types.Project, key string) {
	defer func() {
		if recover() != nil {
			model, key = nil, ""
		}
	}()
	options.WithListeners(src.onLoadEvent)
	if err := cli.WithLoadOptions(loader.WithSkipValidation)(options); err != nil {
		return nil, ""
	}
	model, err := options.LoadProject(ctx)
	if err != nil {
		return nil, ""
	}
	return model, validationKey(model, src.files)
}

// validationKey returns an empty key if a part of the input is unreadable.
func validationKey(model *types.Project, files []string) string {
	form, err := json.Marshal(model)
	if err != nil {
		return ""
	}
	sum := sha256.New()
	hashPart(sum, []byte(loaderVersion))
	hashPart(sum, form)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		hashPart(sum, []byte(file))
		hashPart(sum, content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// hashPart adds a part with its length, so different lists of parts never give the same bytes.
func hashPart(sum hash.Hash, p []byte) {
	fmt.Fprintf(sum, "%d:", len(p))
	sum.Write(p)
}

func isSameModel(a, b *types.Project) bool {
	first, err1 := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(first) == string(second)
}
