package starter

import (
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"
)

// database is a kind of database with a shell.
type database struct {
	// title is the name in descriptions, tool the command of the shell.
	title, tool string
	port        int
	// script returns the script of the shell.
	script func(environment) string
}

// environment has the names of variables that a service sets.
type environment func(name string) bool

// databaseOf returns the database of a service, by its image.
func databaseOf(s types.ServiceConfig) (database, bool) {
	if s.Build != nil {
		return database{}, false
	}
	name, tag := imageName(s.Image)
	switch name {
	case "postgres", "postgis", "postgresql", "timescaledb", "pgvector":
		return database{"PostgreSQL", "psql", 5432, postgresShell}, true
	case "mysql", "mysql-server", "percona":
		return database{"MySQL", "mysql", 3306, mysqlShell("mysql", "MYSQL")}, true
	case "mariadb":
		return database{"MariaDB", "mariadb", 3306, mysqlShell("mariadb", "MARIADB", "MYSQL")}, true
	case "redis", "redis-stack-server":
		return database{"Redis", "redis-cli", 6379, plainShell("redis-cli")}, true
	case "valkey":
		return database{"Valkey", "valkey-cli", 6379, plainShell("valkey-cli")}, true
	case "mongo":
		tool := "mongosh"
		if major, _, _ := strings.Cut(tag, "."); major != "" {
			if n, err := strconv.Atoi(major); err == nil && n < firstMongosh {
				tool = "mongo"
			}
		}
		return database{"MongoDB", tool, 27017, mongoShell(tool)}, true
	}
	return database{}, false
}

// firstMongosh is the first version of the image mongo with mongosh.
const firstMongosh = 5

// imageName returns the last part of an image's name, and the tag.
func imageName(image string) (name, tag string) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", ""
	}
	if tagged, hasTag := named.(reference.Tagged); hasTag {
		tag = tagged.Tag()
	}
	path := reference.Path(named)
	return path[strings.LastIndexByte(path, '/')+1:], tag
}

// addDatabaseShell adds a task with the shell of a database, in the running service.
func (s *suggestions) addDatabaseShell(service types.ServiceConfig, db database) {
	isSet := func(name string) bool {
		_, isSet := service.Environment[name]
		return isSet
	}
	if selected, err := s.project.compose.Select([]string{service.Name}); err == nil {
		if full, isKnown := selected.Service(service.Name); isKnown {
			service = full // with the values of env_file
		}
	}
	s.add(&task{
		name: db.tool, description: "Open a shell of " + db.title + " in the service " + service.Name,
		dependsOn: []string{serviceReference(service.Name)}, service: service.Name, isExec: true,
		script: literal(db.script(isSet) + "\n"),
	}, db.tool+"-"+service.Name)
}

// The values stay in the container: a starter file is shared, and a value may be a secret.

func postgresShell(isSet environment) string {
	user, name := "postgres", ""
	switch {
	case isSet("POSTGRES_USER"):
		user = `"$POSTGRES_USER"`
	case isSet("POSTGRESQL_USERNAME"):
		user = `"$POSTGRESQL_USERNAME"`
	}
	switch {
	case isSet("POSTGRES_DB"):
		name = ` -d "$POSTGRES_DB"`
	case isSet("POSTGRESQL_DATABASE"):
		name = ` -d "$POSTGRESQL_DATABASE"`
	}
	return "exec psql -U " + user + name + ` "$@"`
}

func mysqlShell(tool string, prefixes ...string) func(environment) string {
	return func(isSet environment) string {
		// valueOf returns the value of a variable with one of the prefixes, as a word of the shell.
		valueOf := func(name string) string {
			for _, prefix := range prefixes {
				if variable := prefix + "_" + name; isSet(variable) {
					return `"$` + variable + `"`
				} else if isSet(variable + "_FILE") {
					return `"$(cat "$` + variable + `_FILE")"`
				}
			}
			return ""
		}
		user, password := valueOf("USER"), valueOf("PASSWORD")
		if user == "" || password == "" {
			user, password = "root", valueOf("ROOT_PASSWORD")
		}
		script := ""
		if password != "" {
			script = "MYSQL_PWD=" + password + "\nexport MYSQL_PWD\n"
		}
		script += "exec " + tool + " -u " + user
		if name := valueOf("DATABASE"); name != "" {
			script += " " + name
		}
		script += ` "$@"`
		return script
	}
}

func plainShell(tool string) func(environment) string {
	return func(environment) string { return "exec " + tool + ` "$@"` }
}

func mongoShell(tool string) func(environment) string {
	return func(isSet environment) string {
		if isSet("MONGO_INITDB_ROOT_USERNAME") && isSet("MONGO_INITDB_ROOT_PASSWORD") {
			return "exec " + tool + ` -u "$MONGO_INITDB_ROOT_USERNAME" -p "$MONGO_INITDB_ROOT_PASSWORD" "$@"`
		}
		return "exec " + tool + ` "$@"`
	}
}
