package contracts

// RulesetInfo names the rules in force.
type RulesetInfo struct {
	Name    string `json:"name"`    // "waymark-1"
	Version uint32 `json:"version"` // 1
	Digest  string `json:"digest"`  // SHA-256 of the sources, hex
}

// Ruleset is the ruleset this build judges with.
func Ruleset() RulesetInfo { return RulesetInfo{Name: "waymark-1", Version: 1} }
