package interop

import "fmt"

// ofTheirOwn are the attributes that a container cannot have without a network of its own.
func ofTheirOwn() []string {
	return []string{"networks", "links", "external_links", "ports", "expose", "hostname", "domainname", "dns", "dns_search", "dns_opt",
		"extra_hosts", "sysctls", "extends"}
}

func networkGenerators() []generator {
	return []generator{
		{name: "network_mode", percent: 7, not: ofTheirOwn(), write: from("service:alpha", "service:beta", "container:@project-outside")},
		{name: "network_mode", percent: 7, not: []string{"networks", "links", "external_links", "extends", "sysctls"},
			write: from("none", "host", "bridge")},
		{name: "networks", percent: 60, not: []string{"network_mode"}, write: always((*author).networks)},
		// Not to gamma, which has two containers: Compose links to those that it happens to have made by then.
		{name: "links", percent: 12, not: []string{"network_mode"}, write: someOf("alpha", "beta:store", "alpha:first", "beta")},
		{name: "external_links", percent: 7, not: []string{"network_mode"}, write: someOf("@project-outside", "@project-outside:far")},
		{name: "dns", percent: 10, write: always(func(a *author) any { return a.oneOrList("192.0.2.53", "8.8.8.8", "2001:db8::53") })},
		{name: "dns_search", percent: 10, write: always(func(a *author) any { return a.oneOrList("shop.example", ".", "example.com") })},
		{name: "dns_opt", percent: 7, write: someOf("ndots:2", "timeout:1", "use-vc")},
		{name: "extra_hosts", percent: 15, write: from([]any{"elsewhere.example:192.0.2.7", "host.docker.internal:host-gateway"},
			[]any{"six.example=[2001:db8::7]", "more.example=192.0.2.8"}, map[string]any{"a.example": "192.0.2.9",
				"b.example": []any{"192.0.2.10", "192.0.2.11"}},
			[]any{"six.example:2001:db8::8", "twice.example:192.0.2.1", "twice.example:192.0.2.2"})},
	}
}

// networks are those of the file: in short form, or with all that an endpoint can have.
func (a *author) networks() any {
	keys := a.some("default", "back", "front")
	if a.chance(30) {
		return keys
	}
	all := map[string]any{}
	for _, key := range keys {
		all[key.(string)] = a.endpoint(key.(string))
	}
	return all
}

func (a *author) endpoint(network string) any {
	if a.chance(25) {
		return nil
	}
	e := map[string]any{}
	if a.chance(50) {
		e["aliases"] = a.some("shop", "UPPER", "shop.example", "beta")
	}
	if a.chance(30) {
		e["priority"] = a.one(1000, -5, 0, 7)
	}
	if a.chance(25) {
		e["driver_opts"] = map[string]any{"com.example.endpoint": a.one("yes", 7)}
	}
	if a.chance(15) {
		e["link_local_ips"] = []any{fmt.Sprintf("169.254.8.%d", 1+a.next()%250)}
	}
	if network == "back" && a.chance(40) {
		e["ipv4_address"] = fmt.Sprintf("@subnet.%d", 10+a.next()%200)
	}
	return e
}

// portGenerators publish nothing really: no container with ports is started.
func portGenerators() []generator {
	return []generator{
		{name: "expose", percent: 15, write: someOf("9000", 9001, "9100-9102/udp", "9200/tcp", "9300-9301", "9400/sctp")},
		{name: "ports", percent: 30, write: always((*author).ports)},
	}
}

func (a *author) ports() any {
	return a.some("8080", 8081, "18080:80", "127.0.0.1:18081:81", "127.0.0.1::82", "18082:82/udp", "18090-18092:90-92",
		"18095-18099:95", "[::1]:18083:83",
		"6000-6002", map[string]any{"target": 84}, map[string]any{"target": 85, "published": 18085, "protocol": "udp", "mode": "host"},
		map[string]any{"target": 86, "published": "18086-18089", "host_ip": "127.0.0.1", "app_protocol": "http"},
		map[string]any{"target": 80, "published": "18100", "mode": "ingress", "name": "web"}, map[string]any{"target": 87,
			"host_ip": "::1", "protocol": "sctp"})
}
