"""The texts of the clinic: the diagnoses, what each would show, and what the eight runs of lesson 16 had."""

DIAGNOSES = {  # letter: name, and the sign that it leaves; the last fits no run, so that none is left over
    "A": ("discriminator at zero", "D's loss falls to almost 0, and G's rises"),
    "B": ("mode collapse that jumps", "the answers cover a small part of the data, whatever the noise"),
    "C": ("checkerboard", "a fine grid lies over everything, and the losses look fine"),
    "D": ("colour inversion", "light parts become dark, and the answer goes against its input"),
    "E": ("misaligned pairs", "even the training loss stays high, and edges are lost"),
    "F": ("frozen jitter", "the training loss falls far below the loss of unseen streets"),
    "G": ("dead bottleneck", "all inputs get the same answer, and the loss stands still"),
    "H": ("statistics at test time", "the losses of the run are fine, and only the saved answers are bad"),
    "I": ("exchanged direction", "the column of inputs has days, and the targets are nights"),
}

# In the texts m is the check-up of the broken run, r that of the repaired one and true that of the truths; first, last,
# r_first and r_last are rows of the histories. A complaint is what the owner of the run wrote; a fact is what a wrong
# answer is told.
CASES = {
    1: {
        "name": "checkerboard",
        "letter": "C",
        "complaint": "My losses are as good as my colleague's, but my pictures look woven.",
        "fact": "the losses fall, the answers differ from input to input, and flat walls have a pattern",
        "reason": "The grid measure is {m[grid]:.1f}; with the repair it is {r[grid]:.1f}. "
        "True streets have regular windows, and {true[grid]:.1f}: compare with the twin, not with them. "
        "A transposed convolution has four kernels in turn, and four kernels give four answers.",
        "repair": 'upsampling="nearest": double each pixel, then convolve.',
        "thread": ("junyanz/pytorch-CycleGAN-and-pix2pix#190", "2018-01-18"),
    },
    2: {
        "name": "dead_bottleneck",
        "letter": "G",
        "complaint": "My network cannot even learn four streets by heart. A smaller learning rate does not help.",
        "fact": "the pictures of two different streets are equal",
        "reason": "Training stops at {last[train_l1]:.2f}, with the repair it falls to {r_last[train_l1]:.2f}. "
        "The spread over inputs is {m[spread]:.2f} of the true one; with the repair {r[spread]:.2f}. "
        "At 1x1 a channel is one number. A norm takes its mean away, and 0 is left.",
        "repair": "no norm on maps of 1x1.",
        "thread": ("junyanz/pytorch-CycleGAN-and-pix2pix#60", "2017-07-08"),
    },
    3: {
        "name": "misaligned_pairs",
        "letter": "E",
        "complaint": "I added augmentation, and now everything is foggy.",
        "fact": "the loss of the training pairs themselves hardly falls",
        "reason": "The training loss ends at {last[train_l1]:.2f}, in the healthy run at {r_last[train_l1]:.2f}. "
        "`jitter` draws once for the night and once more for the day, so the two sides do not fit.",
        "repair": "join both sides, crop and mirror once, split them again.",
        "thread": ("junyanz/pytorch-CycleGAN-and-pix2pix#1061", "2020-06-09"),
    },
    4: {
        "name": "discriminator_at_zero",
        "letter": "A",
        "complaint": "D is perfect after a few steps. Is that not good?",
        "fact": "one of the two players wins every time",
        "reason": "D's loss ends at {last[discriminator]:.3f} and G's at {last[generator_adversarial]:.1f}; "
        "with the repair {r_last[discriminator]:.2f} and {r_last[generator_adversarial]:.1f}. "
        "G learns at a rate of 1e-5 and D at 1e-3, so G hardly moves. "
        "Its picture is nearly that of an untrained network. D finds the fakes out, with one slip.",
        "repair": "equal rates for both; if that is not enough, a smaller D.",
        "thread": ("junyanz/pytorch-CycleGAN-and-pix2pix#910", "2020-02-05"),
    },
    5: {
        "name": "colour_inversion",
        "letter": "D",
        "complaint": "The cycle comes back almost perfectly. Why is the white door black?",
        "fact": "both cycle losses are small, and doors and windows have changed their brightness",
        "reason": "Answer and input have a correlation of {m[follows]:.2f}; with the repair {r[follows]:.2f}. "
        "Two negatives make a perfect cycle, so the cycle loss is content.",
        "repair": "let G add its input to what it paints (start = 1); an identity loss makes the fault visible.",
        "thread": ("mingyuliutw/UNIT#32", "2017-12-13"),
    },
    6: {
        "name": "frozen_jitter",
        "letter": "F",
        "complaint": "Training is excellent; new streets are not.",
        "fact": "compare the two lines of losses, number by number",
        "reason": "Training ends at {last[train_l1]:.3f} and unseen streets at {last[unseen_l1]:.3f}; with the repair "
        "{r_last[train_l1]:.3f} and {r_last[unseen_l1]:.3f}. The cache keeps the first crop of each pair for ever.",
        "repair": "cache first; then jitter by seed and step.",
        "thread": ("tensorflow/tensorflow#47755", "2021-03-12"),
    },
    7: {
        "name": "mode_collapse",
        "letter": "B",
        "complaint": "My generator hit a spot! But later it was somewhere else.",
        "fact": "the losses of both players are calm, and the red cloud covers a small part of the grey spots",
        "reason": "At the last look the points cover {last[places_of_8]} of 8 spots, "
        "with the repair {r_last[places_of_8]}. G learns five times while D learns once, "
        "and runs to the answer that D accepts just now.",
        "repair": "as many updates of D as of G, or more; train longer, and count again.",
        "thread": ("wiseodd/generative-models#14", "2017-04-07"),
    },
    8: {
        "name": "wrong_statistics",
        "letter": "H",
        "complaint": "My previews were better than this. The saved pictures come from the same weights.",
        "fact": "the loss of unseen streets, measured during training, is small",
        "reason": "The error of the saved answers is {m[l1]:.2f}. The same weights with the image's own statistics "
        "have {r[l1]:.2f}. `predict` takes moving averages, and after 160 steps they are not there yet.",
        "repair": "call the generator as in training, or use instance norm. The paper does the former.",
        "thread": ("junyanz/pytorch-CycleGAN-and-pix2pix#1329", "2021-10-22"),
    },
}


def respond(number, measured):
    """Return the answer to every letter for a run, with its measured numbers."""
    case = {key: text.format(**measured) if isinstance(text, str) else text for key, text in CASES[number].items()}
    answers = {}
    for letter, (name, sign) in DIAGNOSES.items():
        if letter == case["letter"]:
            answers[letter] = f"right: {name}.\nmeasured: {case['reason']}\nrepair:   {case['repair']}"
        else:
            answers[letter] = f"no. {letter}, {name}, would show this: {sign}.\nhere: {case['fact']}."
    return answers
