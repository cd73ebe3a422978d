package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// entry is a file of an archive or a package.
type entry struct {
	name    string
	content []byte
	mode    fs.FileMode
}

// archiveName is the name of the archive of a target.
func (r *release) archiveName(t target) string {
	extension := ".tar.gz"
	if t.os == "windows" {
		extension = ".zip"
	}
	return fmt.Sprintf("tasks_%s_%s_%s%s", r.version, t.os, t.arch, extension)
}

func (r *release) writeArchives() error {
	for _, t := range r.targets {
		program, err := os.ReadFile(r.programPath(t))
		if err != nil {
			return err
		}
		entries := []entry{{t.program(), program, 0o755}, {"LICENSE", r.license, 0o644}}
		for _, shell := range sortedKeys(r.completions) {
			entries = append(entries, entry{"completions/" + completionName(shell), r.completions[shell], 0o644})
		}
		for _, name := range sortedKeys(r.pages) {
			entries = append(entries, entry{"man/" + name, r.pages[name], 0o644})
		}
		pack := r.tarball
		if t.os == "windows" {
			pack = r.zipFile
		}
		archive, err := pack(entries)
		if err != nil {
			return err
		}
		if err := r.write(r.archiveName(t), archive, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// completionName is the name that a shell expects for a script.
func completionName(shell string) string {
	return map[string]string{"bash": "tasks.bash", "zsh": "_tasks", "fish": "tasks.fish", "powershell": "tasks.ps1"}[shell]
}

// tarball packs entries. The owner is root, the time that of the commit.
func (r *release) tarball(entries []entry) ([]byte, error) {
	var b bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&b, gzip.BestCompression) // without a name and a time
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	for _, e := range entries {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: int64(e.mode), ModTime: r.time,
			Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(e.content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	err = compressed.Close()
	return b.Bytes(), err
}

func (r *release) zipFile(entries []entry) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: r.time}
		header.SetMode(e.mode)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(e.content); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return b.Bytes(), err
}

// compress returns a text in the form of gzip, without a name and a time.
func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// checksum returns the SHA-256 of a file of the release, in hexadecimal digits.
func (r *release) checksum(name string) (string, error) {
	f, err := os.Open(filepath.Join(r.dist, name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// checksumsName is the file for `sha256sum --check`.
const checksumsName = "SHA256SUMS"

func (r *release) writeChecksums() error {
	var lines []string
	for _, name := range r.files {
		sum, err := r.checksum(name)
		if err != nil {
			return err
		}
		lines = append(lines, sum+"  "+name+"\n")
	}
	slices.SortFunc(lines, func(x, y string) int { return strings.Compare(x[66:], y[66:]) })
	return r.write(checksumsName, []byte(strings.Join(lines, "")), 0o644)
}
