package watch

import (
	"strings"
	"testing"
)

// editorSession is what an editor does to the files beside a.py. A line is "write NAME", "rename FROM TO", "link NAME" or
// "remove NAME".
type editorSession struct {
	name, acts string
	isSaved    bool
}

var editorSessions = []editorSession{
	{"vim, nothing saved", "write .a.py.swp;write .a.py.swx;remove .a.py.swx;write .a.py.swp;remove .a.py.swp", false},
	{"vim, saved by rename", "write .a.py.swp;write 4913;remove 4913;rename a.py a.py~;write a.py;remove a.py~;remove .a.py.swp", true},
	{"vim, saved in place, with undo file", "write .a.py.swp;write a.py~;write a.py;write .a.py.un~;remove a.py~;remove .a.py.swp", true},
	{"a second vim", "write .a.py.swo;write .a.py.swn;remove .a.py.swn;remove .a.py.swo", false},
	{"neovim without a name", "write .swp;remove .swp", false},
	{"emacs, nothing saved", "link .#a.py;write #a.py#;remove #a.py#;remove .#a.py", false},
	{"emacs, saved with a backup", "link .#a.py;rename a.py a.py~;write a.py;remove .#a.py", true},
	{"JetBrains", "write a.py___jb_tmp___;rename a.py a.py___jb_old___;rename a.py___jb_tmp___ a.py;remove a.py___jb_old___", true},
	{"gedit", "write .goutputstream-XYZ123;rename .goutputstream-XYZ123 a.py", true},
	{"Kate", "write .a.py.kate-swp;write a.py;remove .a.py.kate-swp", true},
	{"nano with a lock", "write .a.py.swp;write a.py;remove .a.py.swp", true},
	{"Sublime Text", "write .subl1ab.tmp;rename .subl1ab.tmp a.py", true},
	{"LibreOffice", "write .~lock.a.py#;write a.py;remove .~lock.a.py#", true},
	{"a file removed while open, on NFS", "rename a.py .nfs000001;write a.py;remove .nfs000001", true},
	{"the Finder", "write .DS_Store;write .DS_Store", false},
}

func (w *watching) act(dir string, act string) {
	w.t.Helper()
	words := strings.Fields(act)
	name := dir + words[1]
	switch words[0] {
	case "write":
		w.write(name, "a new content: "+strings.Repeat("x", len(w.t.Name())+w.writes))
		w.writes++
	case "rename":
		w.rename(name, dir+words[2])
	case "link":
		w.link("user@host.123:456", name)
	case "remove":
		w.remove(name)
	}
}

func TestFilesOfEditors(t *testing.T) {
	for _, session := range editorSessions {
		t.Run(session.name, func(t *testing.T) {
			files := map[string]string{"src/a.py": "a", "src/marker": "m"}
			onBoth(t, files, Rules{Units: []Unit{{Dirs: []Dir{{Path: "src"}}}}}, func(t *testing.T, w *watching) {
				for act := range strings.SplitSeq(session.acts, ";") {
					w.act("src/", act)
				}
				if session.isSaved {
					w.expect("src/a.py")
				}
				w.allowed = []string{"src/a.py"}
				if !session.isSaved {
					w.allowed = nil
				}
				w.write("src/marker", "other"+session.name)
				w.expect("src/marker")
			})
		})
	}
}
