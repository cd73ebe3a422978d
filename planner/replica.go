package planner

import (
	"fmt"
	"strings"
)

// replicaName names a replica in steps and facts: the service name, with a number from the second replica on.
func replicaName(service string, index int) string {
	if index == 0 {
		return service
	}
	return fmt.Sprintf("%s#%d", service, index+1)
}

// ServiceOf returns the service of a replica: "db" for "db#2".
func ServiceOf(replica string) string {
	service, _, _ := strings.Cut(replica, "#")
	return service
}
