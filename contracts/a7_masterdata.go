package contracts

import "github.com/waymark-ledger/waymark/trace"

// relies notes that a contract judges the record by what master data says of a class,
// lot or place, if a key signed it that was compromised by then. what is what it says.
// A contract calls it once it has found there what it looked for.
func (c *hearing) relies(k trace.Key, d *trace.DescriptionState, what string) error {
	if err := c.readCompromised(); err != nil || len(c.compromises) == 0 || c.relied.get(k.ID) != nil {
		return err
	}
	doubt, err := c.doubtful(claim{k.ID, what + ", stated by " + d.Organisation, d.Organisation, d.Seq})
	if doubt != nil {
		c.relied.add(k.ID, doubt)
	}
	return err
}

// doubtfulMasterData flags what the contracts before it have relied on.
func (c *hearing) doubtfulMasterData() error {
	c.restsOn(&c.relied, trace.Finding{
		Code: CodeRestsOnMasterData,
		Next: "Ask the organisation to record its master data again, with a good key.",
	})
	return nil
}

// restsOn adds a finding with what the record relies on, if it does.
func (c *hearing) restsOn(relied *roll[trace.Fact], f trace.Finding) {
	var facts tally
	for _, one := range relied.list {
		facts.add(*one)
	}
	facts.found(c, f)
}

func masterDataContract() Contract {
	return Contract{
		Rule: "A7", Version: 1, Name: "master data of a compromised key", Kinds: eventKind(), judge: (*hearing).doubtfulMasterData,
		Says: "An event that a rule judges by master data which a compromised key signed (who may use a place or make a product, " +
			"commodity codes, weights, temperature limits, where a place is, from where a device counts) is flagged, until the organisation records it again " +
			"with a good key.",
		Source: "RFC 5280, section 5.3.2 (invalidity date)",
		Finds: []Declared{
			{CodeRestsOnMasterData, trace.Flag, "judged by master data that was signed with a compromised key"},
		},
	}
}
