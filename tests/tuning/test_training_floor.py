"""The counted operations of a step are those that torch counts on a model of that shape."""

import pytest
from training_floor import ADAPTED, Step, operations, shape_of

TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 48,
    "vocab_size": 64,
}
ROWS, TOKENS, RANK = 2, 10, 4


@pytest.mark.parametrize("adapted", [ADAPTED, frozenset({"q_proj", "v_proj"})], ids=["all linears", "two of them"])
def test_products_are_counted_as_torch_counts_them(adapted: frozenset[str]) -> None:
    """Every matrix product but attention's, which torch counts without the causal half."""
    import torch
    from peft import LoraConfig, get_peft_model
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    model = Qwen3ForCausalLM(Qwen3Config(**TINY, tie_word_embeddings=False, attn_implementation="eager"))
    model = get_peft_model(model, LoraConfig(r=RANK, target_modules=sorted(adapted), lora_dropout=0.0))
    ids = torch.randint(0, TINY["vocab_size"], (ROWS, TOKENS))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=ids).logits.sum().backward()
    products = sum(n for op, n in counter.get_flop_counts()["Global"].items() if "bmm" not in str(op))
    counted = operations(shape_of(TINY), Step(ROWS, TOKENS, TOKENS, 0, RANK, adapted, 1))
    attention = counted.pop("attention, forward and backward")
    assert sum(counted.values()) == products
    assert attention > 0


def test_a_recomputed_layer_costs_its_forward_pass_again() -> None:
    """All layers recomputed: the forward pass of layers and adapter twice."""
    shape = shape_of(TINY)
    one, other = (operations(shape, Step(ROWS, TOKENS, TOKENS, n, RANK, ADAPTED, 1)) for n in (0, 3))
    assert one["recomputation"] == 0
    assert other["recomputation"] > other["forward"]
    assert {**other, "recomputation": 0.0} == one
