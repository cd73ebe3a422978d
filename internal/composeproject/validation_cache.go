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

// ValidationCache remembers valid input. The check against the Compose schema costs more than the rest of the load:
// each process compiles the schema again.
type ValidationCache interface {
	// Known reports whether the key was remembered. A forgotten key only costs time.
	Known(key string) bool
	Remember(key string)
}

// loaderVersion is the version of compose-go in go.mod; a test compares both. Another version may accept other input.
const loaderVersion = "v2.16.2"

// loadModel loads the model, and skips the checks for known valid input. Input is known if three things are equal: the
// bytes of all files, the model in the current environment, and the version of the loader.
func (l *projectLoader) loadModel(
	ctx context.Context, options *cli.ProjectOptions, src *sources,
) (*types.Project, error) {
	files := options.ConfigPaths
	unchecked, key := l.loadUnchecked(ctx, options, src)
	if key != "" && l.ValidationCache.Known(key) {
		return unchecked, nil
	}
	src.files = files[:len(files):len(files)]
	options, err := l.projectOptions() // the options above skip the checks
	if err != nil {
		return nil, err
	}
	options.WithListeners(src.onLoadEvent)
	if unchecked != nil && hasManyChains(unchecked) {
		return l.loadManyChains(ctx, options)
	}
	valid, err := options.LoadProject(ctx)
	if err == nil && key != "" && isSameModel(valid, unchecked) {
		l.ValidationCache.Remember(key)
	}
	return valid, err
}

// loadManyChains loads a model that compose-go itself cannot check in reasonable time.
func (l *projectLoader) loadManyChains(ctx context.Context, options *cli.ProjectOptions) (*types.Project, error) {
	if err := cli.WithConsistency(false)(options); err != nil {
		return nil, err
	}
	model, err := options.LoadProject(ctx)
	if err != nil {
		return nil, err
	}
	applyScale(model)
	x := &explainer{loader: l, options: options, sources: newSources(model.WorkingDir, options.ConfigPaths)}
	x.sources.stdin = l.stdin
	return model, x.checkModel(ctx)
}

// loadUnchecked loads without the schema and without the check for contradictions. An error or panic gives no model:
// invalid input can break the loader, and the checked load then reports the mistake. The key is empty without a cache.
func (l *projectLoader) loadUnchecked(
	ctx context.Context, options *cli.ProjectOptions, src *sources,
) (model *types.Project, key string) {
	defer func() {
		if recover() != nil {
			model, key = nil, ""
		}
	}()
	options.WithListeners(src.onLoadEvent)
	skip := func(o *loader.Options) { o.SkipValidation, o.SkipConsistencyCheck = true, true }
	if err := cli.WithLoadOptions(skip)(options); err != nil {
		return nil, ""
	}
	model, err := options.LoadProject(ctx)
	if err != nil {
		return nil, ""
	}
	applyScale(model)
	if l.ValidationCache != nil {
		key = validationKey(model, src.files)
	}
	return model, key
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
