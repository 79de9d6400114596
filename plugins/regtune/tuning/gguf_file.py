"""A Qwen3 model as one GGUF file, which llama.cpp and what is built on it can serve.

In: a model and its tokenizer as transformers saves them. Out: a .gguf. Matrices are stored as bfloat16 or Q8_0, vectors
as float32. Names and layouts are those of the gguf package (ggml-org/llama.cpp, gguf-py); only Qwen3 is known here.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from regtune.artifacts import replacing
from regtune.errors import ConfigurationError

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedModel

Precision = Literal["bf16", "q8_0"]


def write_gguf(model: "PreTrainedModel", folder: Path, target: Path, precision: Precision) -> None:
    """Write `target`.

    Args:
        model: on the CPU.
        folder: where it and its tokenizer were saved.
        target: the file.
        precision: of the matrices; q8_0 halves the file for a loss that benchmarks hardly show.

    Raises:
        ConfigurationError: the model is no Qwen3.
    """
    import gguf

    if model.config.model_type != "qwen3":
        raise ConfigurationError(f"{folder}: a {model.config.model_type} model; GGUF is written for qwen3 only.")
    with replacing(target) as temporary:
        writer = gguf.GGUFWriter(temporary, "qwen3")
        _describe(writer, model, precision)
        _add_vocabulary(writer, model, folder)
        _add_weights(writer, model, precision)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _describe(writer: "GGUFWriter", model: "PreTrainedModel", precision: Precision) -> None:
    from gguf import LlamaFileType

    shape = model.config
    writer.add_name("regtune")
    writer.add_file_type({"bf16": LlamaFileType.MOSTLY_BF16, "q8_0": LlamaFileType.MOSTLY_Q8_0}[precision])
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)
    writer.add_rope_freq_base(shape.rope_parameters["rope_theta"])
    writer.add_vocab_size(shape.vocab_size)


def _add_vocabulary(writer: "GGUFWriter", model: "PreTrainedModel", folder: Path) -> None:
    """Byte-level BPE with Qwen2's splitting; rows of the embedding that no token has are named as unused."""
    from gguf import SpecialVocab, TokenType

    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = {index: token for token, index in tokenizer["model"]["vocab"].items()}
    kinds = dict.fromkeys(tokens, TokenType.NORMAL)
    for added in tokenizer["added_tokens"]:
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    every = range(model.config.vocab_size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([tokens.get(index, f"[PAD{index}]") for index in every])
    writer.add_token_types([kinds.get(index, TokenType.UNUSED) for index in every])
    SpecialVocab(folder, load_merges=True).add_to_gguf(writer, quiet=True)


def _add_weights(writer: "GGUFWriter", model: "PreTrainedModel", precision: Precision) -> None:
    import gguf

    matrix = {"bf16": gguf.GGMLQuantizationType.BF16, "q8_0": gguf.GGMLQuantizationType.Q8_0}[precision]
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, model.config.num_hidden_layers)
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue
        values = weight.float().numpy()
        kind = matrix if values.ndim > 1 else gguf.GGMLQuantizationType.F32
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert known is not None, name
        writer.add_tensor(known, gguf.quants.quantize(values, kind), raw_dtype=kind)
